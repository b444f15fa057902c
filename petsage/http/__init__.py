"""HTTP in, HTTP out: operations, documents, problems, the request's id, the access log and the API document."""

from petsage.http.access_log import AccessLog, Verdict, access_log_class, tell_verdict
from petsage.http.body_streams import bound
from petsage.http.cached_response import Kept
from petsage.http.middleware import answer
from petsage.http.openapi import describe
from petsage.http.operation import Operation, mark_served, operation, operation_of, served
from petsage.http.problems import Problem, ProblemRaised, ProblemSchema, problem
from petsage.http.request_id import RequestIdFilter, echo_request_id
from petsage.http.responses import Reply

__all__ = [
    "AccessLog",
    "Kept",
    "Operation",
    "Problem",
    "ProblemRaised",
    "ProblemSchema",
    "Reply",
    "RequestIdFilter",
    "Verdict",
    "access_log_class",
    "answer",
    "bound",
    "describe",
    "echo_request_id",
    "mark_served",
    "operation",
    "operation_of",
    "problem",
    "served",
    "tell_verdict",
]
