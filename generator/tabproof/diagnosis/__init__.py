"""What is wrong with a token, in words that say how it came about. Pure.

Sources: RFC 7515 (JWS, compact serialization), RFC 7518 (algorithms), RFC 7519 (claims).
"""
