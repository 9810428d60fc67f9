"""Evaluates flags with the published OFREP provider: one question a line in, its answer a line out."""

import json
import sys

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext


def main(url: str, key: str) -> None:
    headers = {"X-API-Key": key}
    api.set_provider(OFREPProvider(url, headers_factory=lambda: headers))
    client = api.get_client()
    for line in sys.stdin:
        kind, flag, default, context = json.loads(line)
        context = dict(context)
        evaluation_context = EvaluationContext(context.pop("targetingKey", None), context)
        evaluate = getattr(client, f"get_{kind}_details")
        details = evaluate(flag, default, evaluation_context)
        answer = {
            "value": details.value,
            "variant": details.variant,
            "reason": details.reason,
            "errorCode": details.error_code,
            "metadata": dict(details.flag_metadata),
        }
        print(json.dumps(answer), flush=True)


main(*sys.argv[1:])
