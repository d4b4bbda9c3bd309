"""The tensiometer that the scripts run: of the environment variable TENSIOMETER, else of the PATH."""
import os

PROGRAM = os.environ.get("TENSIOMETER", "tensiometer")
