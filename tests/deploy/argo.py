"""As much of Argo Workflows as deploy/argo/workflow-template.yaml uses, read strictly: whatever is not known here is an error and not nothing.

Workflow(template, parameters, run).start(entrypoint) goes through the DAGs as the controller does: depends, when, withParam, retryStrategy,
outputs.result. `run(pod)` stands for the cluster: it is handed a Pod and gives (exit code, stdout) back. Waiting between retries is left out.
What the words mean was taken from Argo's documents: retries.md, enhanced-depends-logic.md, variables.md, and its source (assessDAGPhase).
"""

import dataclasses
import json
import re

REFERENCE = r"(?:workflow|inputs|tasks|lastRetry|item)(?:\.[\w-]+)+"
TASK_FIELDS = {"name", "template", "arguments", "depends", "when", "withParam"}
TEMPLATE_FIELDS = {"name", "inputs", "outputs", "metrics", "synchronization", "dag", "retryStrategy", "container"}


@dataclasses.dataclass
class Pod:
    task: str  # the path of names that leads to it
    attempt: int
    command: list
    environment: dict
    mutexes: tuple
    container: dict


@dataclasses.dataclass
class Node:
    name: str
    phase: str = ""
    code: object = None
    result: object = None
    attempts: int = 0
    outputs: dict = dataclasses.field(default_factory=dict)
    children: dict = dataclasses.field(default_factory=dict)


def evaluate(expression, scope):
    """The few operators of Argo's expressions that the template uses."""
    code = expression
    code = re.sub(rf"({REFERENCE}) matches ('[^']*')", r"_matches(\1, \2)", code)
    literals = re.split(r"('[^']*')", code)
    for i in range(0, len(literals), 2):
        text = literals[i].replace("||", " or ").replace("&&", " and ").replace("asInt(", "int(")
        literals[i] = re.sub(rf"\b{REFERENCE}", lambda found: f"_value({json.dumps(found[0])})", text)
    names = {"_value": lambda name: scope[name], "_matches": lambda text, pattern: re.search(pattern, text) is not None, "int": int,
             "__builtins__": {}}
    return eval("".join(literals), names)  # pylint: disable=eval-used  # our own file


def substitute(text, scope):
    def value(found):
        inner = found[1].strip()
        if inner.startswith("="):
            result = evaluate(inner[1:], scope)
            return str(result).lower() if isinstance(result, bool) else str(result)
        return scope[inner]
    return re.sub(r"\{\{(.*?)\}\}", value, text)


def depends_holds(depends, phases):
    def value(found):
        task, result = found[1], found[2]
        return str(phases[task] == {"Errored": "Error"}.get(result, result))
    code = re.sub(r"([\w-]+)\.(Succeeded|Failed|Errored|Skipped|Omitted)\b", value, depends)
    code = code.replace("||", " or ").replace("&&", " and ")
    if not re.fullmatch(r"[\s()]*((True|False|or|and|not)[\s()]*)+", code):
        raise ValueError(f"depends: {depends}")
    return eval(code, {"__builtins__": {}})  # pylint: disable=eval-used


def retries(template, code, status="Failed"):
    scope = {"lastRetry.exitCode": str(code), "lastRetry.status": status}
    return evaluate(template["retryStrategy"]["expression"], scope)


class Workflow:
    def __init__(self, manifest, parameters, run):
        self.spec, self.run, self.pods = manifest["spec"], run, []
        self.templates = {template["name"]: template for template in self.spec["templates"]}
        self.known = {parameter["name"]: parameter["value"] for parameter in self.spec["arguments"]["parameters"]}
        self.given = self.known | parameters
        self.scope = {f"workflow.parameters.{name}": value for name, value in self.given.items()}

    def start(self, entrypoint=None):
        """The workflow's arguments are the entrypoint's too (its page "Workflow Inputs"); `argo submit -p` may add some to them."""
        name = entrypoint or self.spec["entrypoint"]
        taken = {parameter["name"] for parameter in self.templates[name].get("inputs", {}).get("parameters", [])}
        if unknown := set(self.given) - set(self.known) - taken:
            raise ValueError(f"no such parameters: {unknown}")
        return self.execute(Node(name), name, {name: value for name, value in self.given.items() if name in taken}, ())

    def execute(self, node, template_name, arguments, mutexes):
        template = self.templates[template_name]
        if unknown := set(template) - TEMPLATE_FIELDS:
            raise ValueError(f"{template_name}: {unknown}")
        inputs = {}
        for parameter in template.get("inputs", {}).get("parameters", []):
            inputs[parameter["name"]] = arguments.pop(parameter["name"]) if parameter["name"] in arguments else parameter["value"]
        if arguments:
            raise ValueError(f"{template_name} takes no {list(arguments)}")
        scope = self.scope | {f"inputs.parameters.{name}": value for name, value in inputs.items()}
        held = mutexes + tuple(substitute(mutex["name"], scope) for mutex in template.get("synchronization", {}).get("mutexes", []))
        if len(set(held)) != len(held):
            raise ValueError(f"{template_name} waits for a mutex that it holds: {held}")
        if "dag" in template:
            return self.execute_dag(node, template, scope, held)
        return self.execute_pod(node, template, scope, held)

    def execute_dag(self, node, template, scope, mutexes):
        dag, phases = template["dag"], {}
        for task in dag["tasks"]:
            if unknown := set(task) - TASK_FIELDS:
                raise ValueError(f"{task['name']}: {unknown}")
            if "depends" not in task and phases:
                raise ValueError(f"{task['name']} would run beside the others")
            child = Node(f"{node.name}.{task['name']}")
            node.children[task["name"]] = child
            self.execute_task(child, task, scope, phases, mutexes)
            phases[task["name"]] = child.phase
            if child.result is not None:
                scope[f"tasks.{task['name']}.outputs.result"] = child.result
        targets = dag.get("target", " ".join(leaves(dag["tasks"]))).split(" ")
        bad = [phases[target] for target in targets if phases[target] in ("Failed", "Error")]
        # One that is omitted counts as what it waited for.
        bad += ["Failed"] * any(phases[target] == "Omitted" for target in targets)
        node.phase = bad[0] if bad else "Succeeded"
        if not bad:
            for output in template.get("outputs", {}).get("parameters", []):
                node.outputs[output["name"]] = substitute(output["valueFrom"]["parameter"], scope)
        return node

    def execute_task(self, node, task, scope, phases, mutexes):
        if "depends" in task and not depends_holds(task["depends"], phases):
            node.phase = "Omitted"
            return
        if "when" in task and {"true": True, "false": False}[substitute(task["when"], scope)] is False:
            node.phase = "Skipped"
            return
        items = json.loads(substitute(task["withParam"], scope)) if "withParam" in task else [None]
        for i, item in enumerate(items):
            of_item = scope | ({f"item.{name}": str(value) for name, value in item.items()} if item else {})
            given = {parameter["name"]: substitute(parameter["value"], of_item)
                     for parameter in task.get("arguments", {}).get("parameters", [])}
            child = node if item is None else node.children.setdefault(str(i), Node(f"{node.name}({i})"))
            self.execute(child, task["template"], given, mutexes)
        if items != [None]:
            phases_of_items = [child.phase for child in node.children.values()]
            node.phase = next((phase for phase in phases_of_items if phase != "Succeeded"), "Succeeded")

    def execute_pod(self, node, template, scope, mutexes):
        container, strategy = template["container"], template["retryStrategy"]
        for attempt in range(int(strategy["limit"]) + 1):
            environment = {}
            for entry in container["env"]:
                environment[entry["name"]] = substitute(entry["value"], scope) if "value" in entry else entry["valueFrom"]
            command = container["command"] + [substitute(argument, scope) for argument in container["args"]]
            pod = Pod(node.name, attempt, command, environment, mutexes, container)
            self.pods.append(pod)
            node.attempts += 1
            node.code, node.result = self.run(pod)
            node.phase = "Succeeded" if node.code == 0 else "Failed"
            if node.code == 0 or not retries(template, node.code):
                return node
        return node


def leaves(tasks):
    waited_for = {name for task in tasks for name in re.findall(r"([\w-]+)\.[A-Z]", task.get("depends", ""))}
    return [task["name"] for task in tasks if task["name"] not in waited_for]
