"""Operations, documents, problems, request ids, the access log and the API document."""

from petsage.http.access_log import AccessLog, ProbeVerdict, access_log_class, attach_verdict
from petsage.http.body_streams import limit_body
from petsage.http.cached_response import CachedResponse
from petsage.http.middleware import problem_middleware
from petsage.http.openapi import describe
from petsage.http.operation import Operation, is_feature_handler, mark_served, operation, operation_of
from petsage.http.problems import Problem, ProblemError, ProblemSchema, problem
from petsage.http.request_id import RequestIdFilter, echo_request_id
from petsage.http.responses import Reply

__all__ = [
    "AccessLog",
    "CachedResponse",
    "Operation",
    "ProbeVerdict",
    "Problem",
    "ProblemError",
    "ProblemSchema",
    "Reply",
    "RequestIdFilter",
    "access_log_class",
    "attach_verdict",
    "describe",
    "echo_request_id",
    "is_feature_handler",
    "limit_body",
    "mark_served",
    "operation",
    "operation_of",
    "problem",
    "problem_middleware",
]
