"""Small widgets that several pages use; `basics` first."""
