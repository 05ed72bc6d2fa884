"""The sandbox provider's side: its payment page, and its notifications to the shop's ``/pay``.

A real provider runs this elsewhere. It knows the shop by its address alone.
"""
