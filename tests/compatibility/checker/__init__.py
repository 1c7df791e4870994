"""Finds what a change of the OpenAPI document breaks for the clients of the last release.

`documents` reads, `operations` to `schemas` compare, `changes` collects what they say, `announcements` and `baseline` know
what CHANGELOG.md and the last release say. The standard library only; `second_opinion` asks specshift.
"""
