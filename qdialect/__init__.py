"""qdialect: trained QKeras/Keras networks to HLS C++ that computes the same bits."""
