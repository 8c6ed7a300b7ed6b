"""The front door: who asked, and what do they get to see?"""
