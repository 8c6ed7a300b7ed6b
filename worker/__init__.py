"""The reviewer: what do we say about this change, and where?"""
