#!/usr/bin/env python3
"""Makes fields.json: the fields of each type that the manifests in deploy/ use, from the published types of Argo Workflows and Kubernetes.

    npm install --ignore-scripts --prefix FOLDER @kubernetes-models/argo-workflows@2.0.0
    python3 tests/deploy/make_fields.py FOLDER/node_modules > tests/deploy/fields.json
"""

import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACES = {"WorkflowTemplate": "@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/WorkflowTemplate", "Job": "kubernetes-models/batch/v1/Job",
          "ServiceAccount": "kubernetes-models/v1/ServiceAccount", "ConfigMap": "kubernetes-models/v1/ConfigMap",
          "Role": "kubernetes-models/rbac.authorization.k8s.io/v1/Role",
          "RoleBinding": "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding"}
PLAIN = ("string", "number", "boolean", "any")


class Types:
    def __init__(self, modules):
        self.modules, self.files, self.known = modules, {}, {}

    def text_of(self, place):
        if place not in self.files:
            self.files[place] = (self.modules / f"{place}.d.ts").read_text()
        return self.files[place]

    def resolve(self, name, place):
        """Where the type that `place` calls by that name is declared."""
        for names, origin in re.findall(r"import \{([^}]*)\} from \"([^\"]*)\"", self.text_of(place)):
            if name in [word.strip() for word in names.split(",")]:
                base = pathlib.PurePosixPath(place).parent / origin if origin.startswith(".") else pathlib.PurePosixPath(origin)
                return re.sub(r"\.js$", "", str(base))
        raise KeyError(f"{name} in {place}")

    def fields(self, place):
        """name → type; a type is string, number, boolean, any, a literal, {"list": type}, {"map": type} or a place."""
        if place not in self.known:
            text = re.sub(r"/\*.*?\*/", "", self.text_of(place), flags=re.S)
            body = re.search(r"export interface \w+[^{]*\{(.*?)\n\}", text, flags=re.S)
            if body is None:
                self.known[place] = self.kind_of(re.search(r"export type \w+ = ([^;]*);", text).group(1), place)
            else:
                lines = re.findall(r"\"(\w+)\"(\??): ((?:[^;{]|\{[^}]*\})*);", body.group(1))
                self.known[place] = {name: {"type": self.kind_of(kind, place), "required": not optional} for name, optional, kind in lines}
        return self.known[place]

    def kind_of(self, kind, place):
        kind = kind.strip()
        if kind in PLAIN or kind.startswith('"'):
            return kind
        if "|" in kind:
            return {"any of": [self.kind_of(part, place) for part in kind.split("|")]}
        if found := re.fullmatch(r"Array<(.*)>", kind, flags=re.S):
            return {"list": self.kind_of(found.group(1), place)}
        if found := re.fullmatch(r"\{\s*\[key: string\]: (.*?);?\s*\}", kind, flags=re.S):
            return {"map": self.kind_of(found.group(1), place)}
        return self.resolve(kind, place)


def walk(types, kind, value, used):
    if isinstance(kind, dict):
        for inner in (value if "list" in kind else value.values() if "map" in kind else []):
            walk(types, kind.get("list", kind.get("map")), inner, used)
        return
    if kind in PLAIN or kind.startswith('"'):
        return
    used[kind] = types.fields(kind)
    if isinstance(value, dict) and isinstance(used[kind], dict):
        for name, inner in value.items():
            if name in used[kind]:
                walk(types, used[kind][name]["type"], inner, used)


def main():
    types, used = Types(pathlib.Path(sys.argv[1])), {}
    for manifest in sorted((ROOT / "deploy").rglob("*.yaml")):
        for document in yaml.safe_load_all(manifest.read_text()):
            walk(types, PLACES[document["kind"]], document, used)
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(used[name], sort_keys=True)}" for name in sorted(used))
    print(f'{{\n "kinds": {json.dumps(PLACES)},\n "types": {{\n{lines}\n }}\n}}')


if __name__ == "__main__":
    main()
