"""The model: how likely is this code correct?"""
