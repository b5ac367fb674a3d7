"""Explain what is wrong with a token, and how it came about. Pure.

Sources: RFC 7515 (JWS, compact serialization), RFC 7518 (algorithms), RFC 7519 (claims).
"""
