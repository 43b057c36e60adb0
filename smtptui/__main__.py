"""``python -m smtptui`` is the same as the ``smtptui`` command."""

from smtptui.cli import main

if __name__ == "__main__":
    main()
