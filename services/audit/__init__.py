"""What an auditor can be shown: that the record agrees with its rules, and with itself."""
