"""As much of OpenAPI 3.0 as Twilio's document uses: which operation a request is, and whether values fit a schema."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

Schema = Mapping[str, Any]
Params = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Operation:
    """One method of one path, with what the path's parts are."""

    path: str
    method: str
    definition: Schema
    parts: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Document:
    def __init__(self, document: Schema) -> None:
        self._document = document
        self._paths = [(path, _pattern_of(path)) for path in document["paths"]]

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation of a request; of several templates that fit, the one with the fewest open parts."""
        found = [(template, match) for template, pattern in self._paths if (match := pattern.fullmatch(path))]
        for template, match in sorted(found, key=lambda each: each[0].count("{")):
            definition = self._document["paths"][template].get(method.lower())
            if definition is not None:
                parts = {name: unquote(value) for name, value in match.groupdict().items()}
                return Operation(template, method, definition, parts)
        return None

    def problems_of_request(self, operation: Operation, query: Params, form: Params) -> Iterator[str]:
        """What the document does not allow in these parameters, or misses among them."""
        declared = {each["name"]: each for each in operation.definition.get("parameters", [])}
        for name, value in operation.parts.items():
            yield from self._problems_of_text(f"path {name}", value, declared[name]["schema"])
        by_query = {name: each for name, each in declared.items() if each["in"] == "query"}
        yield from self._problems_of_params("query", query, {name: each["schema"] for name, each in by_query.items()})
        yield from _missing("query", query, [name for name, each in by_query.items() if each.get("required")])
        body = self._form_schema(operation)
        yield from self._problems_of_params("form", form, body.get("properties", {}))
        yield from _missing("form", form, body.get("required", []))

    def problems_of_answer(self, operation: Operation, status: int, document: Any) -> Iterator[str]:
        """Where an answer differs from the documented one, fields left out included."""
        documented = operation.definition["responses"].get(str(status))
        if documented is None:
            yield f"status {status} is not documented"
            return
        schema = documented.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            if document is not None:
                yield "a body where none is documented"
            return
        yield from self._problems_of_value("answer", document, schema)

    def _form_schema(self, operation: Operation) -> Schema:
        content = operation.definition.get("requestBody", {}).get("content", {})
        return self._resolved(content.get("application/x-www-form-urlencoded", {}).get("schema", {}))

    def _problems_of_params(self, place: str, params: Params, schemas: Mapping[str, Schema]) -> Iterator[str]:
        for name, values in params.items():
            schema = self._resolved(schemas.get(name, {}))
            if name not in schemas:
                yield f"{place}: {name} is not documented"
            elif schema.get("type") == "array":
                for value in values:
                    yield from self._problems_of_text(f"{place} {name}", value, schema["items"])
            elif len(values) != 1:
                yield f"{place}: {name} is given {len(values)} times"
            else:
                yield from self._problems_of_text(f"{place} {name}", values[0], schema)

    def _problems_of_text(self, place: str, text: str, schema: Schema) -> Iterator[str]:
        """A parameter is text; its type says how it is read."""
        schema = self._resolved(schema)
        kind = schema.get("type", "string")
        if kind == "boolean" and text not in ("true", "false"):
            yield f"{place}: {text!r} is no boolean"
        elif kind in ("integer", "number") and not re.fullmatch(r"-?\d+", text):
            yield f"{place}: {text!r} is no number"
        elif kind in ("integer", "number"):
            yield from _out_of_range(place, int(text), schema)
        elif kind == "string":
            yield from _problems_of_string(place, text, schema)

    def _problems_of_value(self, place: str, value: Any, schema: Schema) -> Iterator[str]:
        """A value of JSON. Fields must be exactly those that are documented."""
        schema = self._resolved(schema)
        if value is None:
            if not schema.get("nullable") and "enum" not in schema:
                yield f"{place}: null is not documented"
            return
        kind = schema.get("type", "object")
        is_of_kind: bool = isinstance(value, _TYPES[kind])
        if not is_of_kind or (kind == "integer" and isinstance(value, bool)):
            yield f"{place}: {value!r} is no {kind}"
        elif kind == "string":
            yield from _problems_of_string(place, value, schema)
        elif kind == "array":
            for each in value:
                yield from self._problems_of_value(f"{place}[]", each, schema["items"])
        elif kind == "object" and "properties" in schema:
            yield from self._problems_of_object(place, value, schema["properties"])

    def _problems_of_object(
        self, place: str, value: Mapping[str, Any], properties: Mapping[str, Schema]
    ) -> Iterator[str]:
        yield from (f"{place}: {name} is not documented" for name in sorted(set(value) - set(properties)))
        yield from (f"{place}: {name} is left out" for name in sorted(set(properties) - set(value)))
        for name in sorted(set(value) & set(properties)):
            yield from self._problems_of_value(f"{place}.{name}", value[name], properties[name])

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            found: Any = self._document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema


def _pattern_of(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(f"(?P<{part}>[^/]+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


def _missing(place: str, params: Params, required: Sequence[str]) -> Iterator[str]:
    yield from (f"{place}: {name} is missing" for name in required if name not in params)


def _out_of_range(place: str, value: int, schema: Schema) -> Iterator[str]:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        yield f"{place}: {value} is out of range"


def _problems_of_string(place: str, text: str, schema: Schema) -> Iterator[str]:
    if "enum" in schema and text not in schema["enum"]:
        yield f"{place}: {text!r} is none of {schema['enum']}"
    if "pattern" in schema and not re.search(schema["pattern"], text):
        yield f"{place}: {text!r} is not like {schema['pattern']}"
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        yield f"{place}: {text!r} has a wrong length"
    check = _FORMATS.get(schema.get("format", ""))
    if check is not None and not check(text):
        yield f"{place}: {text!r} is no {schema['format']}"


def _is_rfc2822(text: str) -> bool:
    try:
        return parsedate_to_datetime(text).tzinfo is not None
    except ValueError:
        return False


def _is_uri(text: str) -> bool:
    parts = urlsplit(text)
    return text.startswith("/") or (parts.scheme in ("http", "https") and bool(parts.netloc))


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "object": dict,
    "array": list,
    "number": (int, float),
}
_FORMATS: dict[str, Callable[[str], bool]] = {
    "date-time-rfc-2822": _is_rfc2822,
    "uri": _is_uri,
    "phone-number": lambda text: re.fullmatch(r"\+[1-9]\d{1,14}", text) is not None,
    "endpoint": lambda text: re.fullmatch(r"\+[1-9]\d{1,14}|client:\S+|sip:\S+|app:\S+", text) is not None,
    "currency": lambda text: re.fullmatch(r"[A-Z]{3}", text) is not None,
    "http-method": lambda text: text in ("GET", "POST"),
}
