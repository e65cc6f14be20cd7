# Configuration of the test suite. Tools come from the build tree, FileCheck and
# friends from LLVM's prefix; the features are those of the machine at hand.
import os
import shutil
import subprocess

import lit.formats

config.name = "Sinter"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "packs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.sinter_build, "test")

path = [os.path.join(config.sinter_build, "bin"), config.llvm_tools]
config.environment["PATH"] = os.pathsep.join(path + [os.environ.get("PATH", "")])
config.environment["SINTER_MODELS"] = os.path.join(config.sinter_source, "models")
config.substitutions.append(("%source", config.sinter_source))
config.substitutions.append(("%build", config.sinter_build))
config.substitutions.append(("%packs", os.path.join(config.test_source_root, "models", "packs")))
config.substitutions.append(("%python", config.python))

# What this CPU can run: one lit feature for each instruction class that has
# kernels of its own (REQUIRES: avx512vnni).
with open("/proc/cpuinfo") as cpuinfo:
    flags = next((line.split() for line in cpuinfo if line.startswith("flags")), [])
names = {"avx512_vnni": "avx512vnni", "avx512_bf16": "avx512bf16", "avx_vnni": "avxvnni",
         "amx_int8": "amx-int8", "amx_bf16": "amx-bf16"}
for flag in ["avx2", "avx512f", *names]:
    if flag in flags:
        config.available_features.add(names.get(flag, flag))

# A browser to look at pages with.
if shutil.which("chromium"):
    config.available_features.add("chromium")
else:
    lit_config.note("no chromium on this machine: pages are checked by their text alone")

# Whether a process can be given another root and be watched there.
probe = ["strace", "-f", "-o", os.devnull, "chroot", "/", "true"]
if os.geteuid() != 0:
    probe[4:4] = ["unshare", "--user", "--map-root-user"]
try:
    if subprocess.run(probe, capture_output=True, timeout=10).returncode == 0:
        config.available_features.add("bare-root")
except (OSError, subprocess.TimeoutExpired):
    pass

# What takes too long for every change: scripts/test --full.
if lit_config.params.get("full") or os.environ.get("SINTER_TEST_FULL") == "1":
    config.available_features.add("full")

# The default model, when it is on this machine (scripts/fetch-model).
model = os.environ.get("SINTER_TEST_MODEL", os.path.join(config.sinter_build, "model", "SmolLM2-135M-Instruct.Q4_1.gguf"))
if os.path.exists(model):
    config.available_features.add("default-model")
    config.substitutions.append(("%model", model))
