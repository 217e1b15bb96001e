"""What another rulebook would have paid: the same requests decided twice, side by side (``yibao whatif``). Nothing is written to the road."""
