"""Forecasts from smoothed pasts: the seasonal naive forecast, exponential smoothing, theta and ARIMA."""
