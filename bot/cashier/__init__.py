"""The sandbox provider's side: its cashier's page, and its messenger to the shop's ``/pay``.

A real provider runs this elsewhere. It knows the shop by its address alone.
"""
