"""The front door: settings, command line, composition. The only place that knows everyone."""
