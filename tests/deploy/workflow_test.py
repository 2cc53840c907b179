#!/usr/bin/env python3
"""deploy/argo and deploy/k8s with the real program: what each pod is told, run against the simulator with an archive on S3's stand-in.
usage: workflow_test.py ROOT BUILD_FOLDER
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import yaml

import argo

ROOT = BUILD = None


def load(path):
    (document,) = yaml.safe_load_all((ROOT / "deploy" / path).read_text())
    return document


def other_steps(*kept):
    return ",".join(step for step in STEPS if step not in kept)


class Servers:
    """A simulator and AWS's stand-ins, and what of a cluster's settings points to them."""

    def __init__(self, folder, *options):
        accounts = folder / "accounts.json"
        self.simulator = subprocess.Popen([BUILD / "bin/mailchimp-sim", "--scale", "0.1", "--accounts-file", accounts, "--exit-with-parent",
                                           "--exit-after", "1200", *options], stdout=subprocess.PIPE, text=True)
        self.url = self.simulator.stdout.readline().split()[-1]
        self.accounts = json.loads(accounts.read_text())
        self.aws = subprocess.Popen([BUILD / "bin/aws-standins"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        said = [self.aws.stdout.readline().strip() for _ in range(7)]
        self.settings = dict(line.split("=", 1) for line in said) | {
            "AWS_EC2_METADATA_DISABLED": "true", "HOME": "/nonexistent", "PATH": os.environ["PATH"], "CHIMPLIFT_ACCOUNTS": str(accounts),
            "CHIMPLIFT_API_BASE": self.url, "CHIMPLIFT_WAREHOUSE": f"duckdb:{folder}/tables.duckdb", "CHIMPLIFT_ENV": "production",
            "ARCHIVE": "s3://test-bucket/mailchimp"}

    def end(self):
        self.simulator.send_signal(signal.SIGTERM)
        self.aws.stdin.close()
        for process in (self.simulator, self.aws):
            process.wait()
            process.stdout.close()


class Cluster(unittest.TestCase):
    options = ()

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.servers = Servers(pathlib.Path(self.scratch.name), *self.options)
        self.said = ""  # all that all pods wrote
        self.meddle = lambda pod, process: None

    def tearDown(self):
        self.servers.end()
        self.scratch.cleanup()

    def environment_of(self, container_environment):
        config = load_settings("ConfigMap")["data"]
        settings = {name: self.servers.settings.get(name, value) for name, value in config.items() if "SNOWFLAKE" not in name}
        settings = self.servers.settings | settings
        for name, value in container_environment.items():
            if isinstance(value, dict):
                reference = value["configMapKeyRef"]
                self.assertEqual(reference["name"], "chimplift")
                value = settings[reference["key"]]
            settings[name] = re.sub(r"\$\((\w+)\)", lambda found: settings[found[1]], value)
        return settings

    def run_pod(self, pod):
        self.assertEqual(pod.command[0], "/usr/bin/chimplift")
        process = subprocess.Popen([BUILD / "bin/chimplift", *pod.command[1:]], env=self.environment_of(pod.environment),
                                   cwd=self.scratch.name, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.meddle(pod, process)
        out, err = process.communicate()
        self.said += out + err
        code = process.returncode
        return (128 - code if code < 0 else code), out

    def start(self, entrypoint=None, **parameters):
        self.workflow = argo.Workflow(TEMPLATE, parameters, self.run_pod)
        return self.workflow.start(entrypoint)

    def account(self, node, at=0):
        return node.children["account"].children[str(at)]


class Runs(Cluster):
    def test_steps_one_by_one_are_certified_and_the_others_are_exceptions(self):
        kept = ("lists", "list_segments", "templates")
        excluded = other_steps(*kept).replace(",", ", ")
        for _ in range(2):  # the second workflow brings the archive up to date
            node = self.start(excluded_steps=excluded)
            self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
            account = self.account(node)
            ran = [name for name, child in account.children.items() if child.phase == "Succeeded"]
            self.assertEqual(ran, ["lists", "list-segments", "templates", "load", "verify"])
            self.assertEqual({child.phase for child in account.children.values()}, {"Succeeded", "Skipped"})
            certificate = json.loads(account.outputs["certificate"])["accounts"][0]["certificate"]
            self.assertEqual(certificate["verdict"], "safe to close, with exceptions")
            self.assertEqual({stream["state"] for stream in certificate["streams"] if stream["step"] in kept}, {"complete"})
            self.assertEqual({stream["state"] for stream in certificate["streams"] if stream["step"] not in kept}, {"excluded"})
            self.assertEqual({pod.mutexes for pod in self.workflow.pods[1:]}, {(f"chimplift-{certificate['account_name']}",)})

    def test_one_account_is_an_entrypoint_and_so_is_asking_mailchimp_again(self):
        name = self.servers.accounts[0]["account_name"]
        excluded = other_steps("templates")
        self.assertEqual(self.start("account", account=name, excluded_steps=excluded).phase, "Succeeded", self.said[-3000:])
        self.assertEqual([pod.environment["CHIMPLIFT_ACCOUNT"] for pod in self.workflow.pods], [name] * 3)
        for of in ({}, {"account": name}):
            node = self.start("verify-source", excluded_steps=excluded, **of)
            self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
            self.assertEqual(self.start("doctor", **of).phase, "Succeeded", self.said[-3000:])
        self.assertEqual(self.start("verify-source", account="nobody").phase, "Failed")

    def test_without_a_warehouse_the_archive_is_certified(self):
        self.servers.settings["CHIMPLIFT_WAREHOUSE"] = "none"
        node = self.start(excluded_steps=other_steps("templates"))
        self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
        load = self.account(node).children["load"]
        self.assertEqual((load.phase, load.code, load.attempts), ("Failed", 2, 1))

    def test_a_test_run_is_kept_apart(self):
        self.servers.settings["ARCHIVE"] = "s3://test-bucket/mailchimp/"
        node = self.start(is_test="true", excluded_steps=other_steps("templates"))
        self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
        certificate = json.loads(self.account(node).outputs["certificate"])["accounts"][0]["certificate"]
        self.assertEqual(certificate["verdict"], "test run")
        # What the stage's folder is worked out from is the same in both; the program goes below it by itself.
        self.assertEqual({self.environment_of(pod.environment)["CHIMPLIFT_ARCHIVE"] for pod in self.workflow.pods},
                         {"s3://test-bucket/mailchimp/"})
        self.assertIn("s3://test-bucket/mailchimp/test-runs/", self.said)
        # A real run afterwards meets nothing of it.
        self.assertEqual(self.start(excluded_steps=other_steps("templates")).phase, "Succeeded", self.said[-3000:])

    def test_an_override_is_the_one_account_and_its_key_is_nowhere(self):
        key = self.servers.accounts[0]["api_key"]
        file = pathlib.Path(self.scratch.name) / "api-key"
        file.write_text(key + "\n")
        file.chmod(0o600)
        for given in (key, f"@{file}"):
            node = self.start(api_key_override=given, server_override="us12", excluded_steps=other_steps("templates"))
            self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
            self.assertEqual([pod.environment["CHIMPLIFT_ACCOUNT"] for pod in self.workflow.pods], ["", "us12", "us12", "us12"])
            self.assertNotIn(key, " ".join(word for pod in self.workflow.pods for word in pod.command))
        self.assertNotIn(key.split("-")[0], self.said)

    def test_a_wrong_parameter_ends_it_in_the_first_pod(self):
        for wrong in ({"excluded_steps": "tempates"}, {"is_test": "maybe"}, {"dev_override": "yes"}, {"server_override": "us12"}):
            node = self.start(**wrong)
            self.assertEqual((node.phase, node.children["accounts"].code, node.children["account"].phase), ("Failed", 2, "Omitted"))
            self.assertEqual(len(self.workflow.pods), 1, "nothing is retried that a person has to mend")


class Stopped(Cluster):
    # The first request for them is not answered: the step cannot have ended before it is told to.
    options = ("--record-requests", "--fault", "stall:/merge-fields:1:100000000")

    def test_what_is_stopped_goes_on(self):
        """The node is drained while the step is under way."""
        stopped = []

        def stop(pod, process):
            if pod.environment["CHIMPLIFT_ONLY_STEPS"] != "lists" or stopped:
                return
            while process.poll() is None and not any("/merge-fields" in request for request in self.requests()):
                time.sleep(0.005)
            process.send_signal(signal.SIGTERM)
            process.wait()
            stopped.append(process.returncode)
        self.meddle = stop
        node = self.start(excluded_steps=other_steps("lists", "templates"))
        self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
        self.assertEqual(stopped, [143])
        self.assertEqual(self.account(node).children["lists"].attempts, 2)

    def requests(self):
        with urllib.request.urlopen(self.servers.url.rsplit("/", 1)[0] + "/_sim/stats") as answer:
            return [request for account in json.load(answer)["accounts"] for request in account["request_log"]]


class TwoAccounts(Cluster):
    options = ("--accounts", "2")

    def test_each_has_its_pods_and_its_certificate(self):
        node = self.start(excluded_steps=other_steps("templates"))
        self.assertEqual(node.phase, "Succeeded", self.said[-3000:])
        names = [account["account_name"] for account in self.servers.accounts]
        of_pods = [(pod.environment["CHIMPLIFT_ACCOUNT"], pod.mutexes) for pod in self.workflow.pods[1:]]
        self.assertEqual(of_pods, [(name, (f"chimplift-{name}",)) for name in names for _ in range(3)])
        for i, name in enumerate(names):
            (account,) = json.loads(self.account(node, i).outputs["certificate"])["accounts"]
            self.assertEqual(account["certificate"]["account_name"], name)


class Job(Cluster):
    def test_does_all_of_it_in_one_pod_and_other_commands_too(self):
        (container,) = load("k8s/job.yaml")["spec"]["template"]["spec"]["containers"]
        environment = {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in container["env"]}
        environment["CHIMPLIFT_EXCLUDED_STEPS"] = other_steps("templates")
        # As docs/operations.md says that they are edited.
        for args, said in ((["doctor"], "key"), (["sync", "--is-test", "true"], "test run"), (container["args"], "safe to close"),
                           (["verify", "--source"], "safe to close")):
            code, out = self.run_pod(argo.Pod("job", 0, ["/usr/bin/chimplift", *args], environment, (), container))
            self.assertEqual(code, 0, self.said[-3000:])
            self.assertIn(said, out)


class Fails(Cluster):
    options = ("--fault", "status_403:/merge-fields")

    def test_a_step_that_fails_stops_no_other_and_the_account_has_failed(self):
        node = self.start(excluded_steps=other_steps("campaigns", "lists", "templates"))
        account = self.account(node)
        phases = {name: child.phase for name, child in account.children.items() if child.phase != "Skipped"}
        self.assertEqual(phases, {"campaigns": "Succeeded", "lists": "Failed", "templates": "Succeeded", "load": "Succeeded", "verify": "Failed"}, self.said[-3000:])
        self.assertEqual((account.children["lists"].code, account.children["lists"].attempts), (3, 1))
        self.assertEqual((node.phase, account.phase), ("Failed", "Failed"))
        # Its certificate is with the verification all the same.
        certificate = json.loads(account.children["verify"].result)["accounts"][0]["certificate"]
        self.assertEqual(certificate["verdict"], "not safe")
        self.assertTrue(certificate["gaps"])


class Forbids(Cluster):
    """A plan without automations: what the other steps would have taken from there is left out with it."""
    options = ("--fault", "status_403:/automations")

    def test_a_step_that_is_left_out_is_asked_for_by_no_other(self):
        takers = ("campaigns", "campaign_content", "campaign_stats", "email_activity", "unsubscriptions")
        node = self.start(excluded_steps=other_steps(*takers))
        phases = {name: child.phase for name, child in self.account(node).children.items() if child.phase != "Skipped"}
        self.assertEqual(phases, {name.replace("_", "-"): "Succeeded" for name in (*takers, "load", "verify")}, self.said[-3000:])
        certificate = json.loads(self.account(node).outputs["certificate"])["accounts"][0]["certificate"]
        self.assertEqual(certificate["verdict"], "safe to close, with exceptions")


class Manifests(unittest.TestCase):
    def test_every_field_is_one_that_argo_or_kubernetes_has(self):
        for path in sorted((ROOT / "deploy").rglob("*.yaml")):
            for document in yaml.safe_load_all(path.read_text()):
                self.check(document, FIELDS["kinds"][document["kind"]], f"{path.name}: {document['kind']}")
        for spoil in (lambda d: d["spec"].update(entrypiont=1), lambda d: d["spec"]["templates"][0]["dag"].update(failFast="no"),
                      lambda d: d["spec"]["templates"][0].pop("name") and d["spec"]["templates"][0]["dag"]["tasks"][0].pop("name")):
            document = load("argo/workflow-template.yaml")
            spoil(document)
            with self.assertRaises(AssertionError):
                self.check(document, FIELDS["kinds"]["WorkflowTemplate"], "spoilt")

    def check(self, value, kind, where):
        if isinstance(kind, dict):
            if "any of" in kind:
                self.assertTrue(any(self.holds(value, one, where) for one in kind["any of"]), where)
            elif "list" in kind:
                self.assertIsInstance(value, list, where)
                for i, item in enumerate(value):
                    self.check(item, kind["list"], f"{where}[{i}]")
            else:
                self.assertIsInstance(value, dict, where)
                for name, item in value.items():
                    self.check(item, kind["map"], f"{where}.{name}")
        elif kind.startswith('"'):
            self.assertIn(value, re.findall(r'"([^"]*)"', kind), where)
        elif kind in ("string", "number", "boolean", "any"):
            fits = {"string": str, "number": int, "boolean": bool, "any": object}[kind]
            self.assertTrue(isinstance(value, fits) and (kind != "number" or not isinstance(value, bool)), f"{where} is no {kind}")
        else:
            fields = FIELDS["types"].get(kind)
            self.assertIsNotNone(fields, f"{where}: make fields.json anew with make_fields.py")
            if not (isinstance(fields, dict) and all(isinstance(field, dict) and "required" in field for field in fields.values())):
                return self.check(value, fields, where)
            self.assertIsInstance(value, dict, where)
            self.assertEqual(set(value) - set(fields), set(), f"{where} has fields that nobody knows")
            for name, field in fields.items():
                # Argo gives the container its name.
                if field["required"] and (name, "container") != ("name", where.rsplit(".", 1)[-1]):
                    self.assertIn(name, value, where)
                if name in value:
                    self.check(value[name], field["type"], f"{where}.{name}")
        return None

    def holds(self, value, kind, where):
        try:
            self.check(value, kind, where)
        except AssertionError:
            return False
        return True

    def test_has_the_five_parameters_and_no_others(self):
        parameters = {parameter["name"]: parameter["value"] for parameter in TEMPLATE["spec"]["arguments"]["parameters"]}
        self.assertEqual(parameters, dict.fromkeys(("dev_override", "api_key_override", "server_override", "is_test", "excluded_steps"), "none"))

    def test_what_a_pod_is_given_itself_is_said_not_to_be_read_from_the_settings(self):
        (template,) = [template for template in TEMPLATE["spec"]["templates"] if "container" in template]
        own = {entry["name"] for entry in template["container"]["env"]}
        for path in ("deploy/k8s/settings.yaml", "docs/operations.md"):
            text = (ROOT / path).read_text()
            self.assertEqual({name for name in own if not re.search(rf"\b{name}\b", text)}, set(), path)
        self.assertEqual(own & set(load_settings("ConfigMap")["data"]), set())

    def test_has_each_step_once_in_order_one_after_another(self):
        (account,) = [template for template in TEMPLATE["spec"]["templates"] if template["name"] == "account"]
        tasks = account["dag"]["tasks"]
        given = [{parameter["name"]: parameter["value"] for parameter in task["arguments"]["parameters"]} for task in tasks]
        self.assertEqual([words.get("only_steps") for words in given], [*STEPS, None, None])
        self.assertEqual([words["command"] for words in given], ["sync"] * len(STEPS) + ["load", "verify"])
        for before, task in zip(tasks, tasks[1:]):
            # Whatever became of the one before; and no two at once.
            for phase in ("Succeeded", "Failed", "Error", *(["Skipped"] if "when" in before else [])):
                self.assertTrue(argo.depends_holds(task["depends"], {before["name"]: phase}), task["name"])
            self.assertEqual(set(re.findall(r"([\w-]+)\.", task["depends"])), {before["name"]})
        # What "load" did not load, "verify" names; and where there is no warehouse it has nothing to do.
        self.assertEqual(account["dag"]["target"].split(" "), [task["name"] for task in tasks if task["name"] != "load"])
        self.assertFalse(account["dag"]["failFast"])
        for step, task in zip(STEPS, tasks):
            for excluded, runs in (("none", True), ("", True), (step, False), (f"a,{step},b", False), (f"x, {step}", False), (f"my_{step}", True),
                                   (f"{step}_too", True)):
                when = argo.substitute(task["when"], {"workflow.parameters.excluded_steps": excluded})
                self.assertEqual(when, str(runs).lower(), (step, excluded))

    def test_pods_run_in_order_and_each_knows_what_is_left_out(self):
        told = []

        def run(pod):
            self.assertEqual(len(pod.command), 2, "what a pod is told stands in its environment")
            told.append((pod.command[1], *(pod.environment[f"CHIMPLIFT_{name}"] for name in ("ACCOUNT", "ONLY_STEPS", "EXCLUDED_STEPS", "SOURCE"))))
            return 0, '[{"account_name": "a"}]'
        left_out = "automations"
        for entrypoint in (None, "doctor", "verify-source"):
            argo.Workflow(TEMPLATE, {"excluded_steps": left_out}, run).start(entrypoint)
        steps = [("sync", "a", step, left_out, "") for step in STEPS if step != left_out]
        self.assertEqual(told, [("accounts", "", "", left_out, ""), *steps, ("load", "a", "", left_out, ""), ("verify", "a", "", left_out, ""),
                                ("doctor", "", "", left_out, ""), ("verify", "", "", left_out, "true")])
        with self.assertRaises(ValueError):
            argo.Workflow(TEMPLATE, {"account": "a"}, run).start()

    def test_a_test_run_says_nothing_of_being_safe_to_close(self):
        (account,) = [template for template in TEMPLATE["spec"]["templates"] if template["name"] == "account"]

        def holds(when):
            """As Argo reads it: what is no number and no true or false is a text, with quotes or without."""
            sides = [[side.strip().strip("'") for side in re.split("[!=]=", part)] + ["!=" in part] for part in when.split("&&")]
            return all((left != right) == differ for left, right, differ in sides)

        for phase, is_test, expected in (("Succeeded", "none", "1"), ("Succeeded", "", "1"), ("Succeeded", "false", "1"), ("Failed", "none", "0"),
                                         ("Error", "false", "0"), ("Succeeded", "true", None), ("Failed", "true", None)):
            said = [metric["gauge"]["value"] for metric in account["metrics"]["prometheus"] if metric["name"] == "chimplift_safe_to_close" and
                    holds(argo.substitute(metric["when"], {"status": phase, "workflow.parameters.is_test": is_test}))]
            self.assertEqual(said, [expected] if expected else [], (phase, is_test))
        # What came in since is not in the archive, whatever the run before said. Of all accounts at once nobody knows of which.
        (source,) = [template for template in TEMPLATE["spec"]["templates"] if template["name"] == "verify-source"]
        for phase, name, is_test, expected in (("Failed", "a", "none", ["0"]), ("Error", "a", "false", ["0"]), ("Succeeded", "a", "none", ["1"]),
                                               ("Failed", "", "none", []), ("Succeeded", "", "none", []), ("Failed", "a", "true", [])):
            scope = {"status": phase, "inputs.parameters.account": name, "workflow.parameters.is_test": is_test}
            said = [metric["gauge"]["value"] for metric in source["metrics"]["prometheus"] if holds(argo.substitute(metric["when"], scope))]
            self.assertEqual(said, expected, (phase, name, is_test))

    def test_retries_what_passes_by_itself_and_nothing_else(self):
        text = (ROOT / "docs/operations.md").read_text()
        codes = {int(code) for cell in re.findall(r"^\| ([\d, ]+) \|", text, flags=re.M) for code in cell.split(",")}
        self.assertEqual(codes, {0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 130, 143})
        passing = {5, 11, 130, 143}
        (template,) = [template for template in TEMPLATE["spec"]["templates"] if "container" in template]
        for code in codes - {0}:
            self.assertEqual(argo.retries(template, code), code in passing, code)
        for code in (-1, 137):  # taken away with its node, killed: it goes on where it was
            self.assertTrue(argo.retries(template, code))
        self.assertTrue(argo.retries(template, 2, "Error"), "Argo's own trouble is no answer of the program's")
        (rule,) = [rule for rule in load("k8s/job.yaml")["spec"]["podFailurePolicy"]["rules"] if rule["action"] == "FailJob"]
        self.assertEqual(set(rule["onExitCodes"]["values"]), codes - passing - {0})

    def test_pods_have_no_rights_and_no_registry(self):
        job = load("k8s/job.yaml")["spec"]["template"]["spec"]
        (template,) = [template for template in TEMPLATE["spec"]["templates"] if "container" in template]
        (in_job,) = job["containers"]
        for pod, container in ((TEMPLATE["spec"], template["container"]), (job, in_job)):
            self.assertEqual(pod["serviceAccountName"], "chimplift")
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertEqual(pod["securityContext"]["runAsUser"], 65532)
            self.assertEqual(container["securityContext"], {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                                            "capabilities": {"drop": ["ALL"]}})
            self.assertRegex(container["image"], r"^[a-z-]+:[\w.-]+$")
            self.assertEqual(container["resources"], template["container"]["resources"])
            self.assertEqual({mount["name"] for mount in container["volumeMounts"]}, {volume["name"] for volume in pod["volumes"]})


def load_settings(kind):
    documents = yaml.safe_load_all((ROOT / "deploy/k8s/settings.yaml").read_text())
    return next(document for document in documents if document["kind"] == kind)


if __name__ == "__main__":
    ROOT, BUILD = pathlib.Path(sys.argv.pop(1)).resolve(), pathlib.Path(sys.argv.pop(1)).resolve()
    TEMPLATE = load("argo/workflow-template.yaml")
    FIELDS = json.loads((ROOT / "tests/deploy/fields.json").read_text())
    STREAMS = json.loads(subprocess.run([BUILD / "bin/chimplift", "streams", "--json"], check=True, capture_output=True).stdout)
    STEPS = list(dict.fromkeys(stream["step"] for stream in STREAMS))
    unittest.main()
