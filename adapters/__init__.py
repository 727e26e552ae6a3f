"""The hands: each knows one outside thing, and core. None knows another."""
