"""django-health-check under uvicorn: a number of checks of a given duration, run for each request."""

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from health_check.base import HealthCheck
from health_check.views import HealthCheckView

checks, seconds, port = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
executed: Counter[str] = Counter()


@dataclass
class Holds(HealthCheck):
    number: int

    async def run(self) -> None:
        executed["run"] += 1
        if seconds:
            await asyncio.sleep(seconds)


async def executions(_request: HttpRequest) -> JsonResponse:
    return JsonResponse(executed.total(), safe=False)


settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, INSTALLED_APPS=["health_check"])
app = get_asgi_application()
urlpatterns = [
    path("readyz", HealthCheckView.as_view(checks=[(Holds, {"number": number}) for number in range(checks)])),
    path("executions", executions),
]
uvicorn.run(app, port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning", lifespan="off")
