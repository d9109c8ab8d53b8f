"""``python -m modelarts_provider``: the plugin for Terraform, the command line for a person."""

from modelarts_provider.cli import main

if __name__ == "__main__":
    main()
