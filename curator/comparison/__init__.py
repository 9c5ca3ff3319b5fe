"""Before and after: the answers of two systems to one eval set, measured, and told apart from noise."""
