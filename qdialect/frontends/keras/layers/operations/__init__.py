"""Calls of TensorFlow (or `keras.ops`) functions in a Functional model, which Keras records as layers."""
