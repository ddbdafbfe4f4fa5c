"""The application as a web server loads it. Settings nobody should be served with do not load."""

import os

from django.core.wsgi import get_wsgi_application

from quarterdeck.site import boot, config, embedded, memory
from quarterdeck.site.following import follow_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quarterdeck.site.settings")
application = get_wsgi_application()
boot.refuse_unfit_settings(config.load())
boot.refuse_unfit_database(embedded.urls(config.load()).app, demo=config.load().demo_flag)
follow_parent()
memory.settle()
