"""Files that are damaged, unsafe or no network: each ends with exit code 2 and names file and place."""

import pickle
import random
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_files import model, node, tensor

from verifier.cli import run
from verifier.errors import InputError
from verifier.importers.onnx.read import read_onnx

W = [[0.5, -1, 2]]
GEMM = node("Gemm", "x", "W", transB=1)
GOOD = model([GEMM, node("Relu", "gemm")], [tensor("W", W)])
DATA = GOOD.SerializeToString()


def stored(**fields):
    """Return a model whose weights are a tensor with these fields."""
    proto = tensor("W", W)
    for name, value in fields.items():
        if isinstance(value, list):
            proto.ClearField(name)
            getattr(proto, name).extend(value)
        else:
            setattr(proto, name, value)
    return model([GEMM], [proto])


def placed(location, **fields):
    """Return a model whose weights are in another file."""
    proto = TensorProto(
        name="W", data_type=TensorProto.FLOAT, dims=[1, 3], data_location=TensorProto.EXTERNAL
    )
    proto.external_data.add(key="location", value=location)
    return proto


def changed(change, file=GOOD):
    """Return a model after a change."""
    copy = type(file)()
    copy.CopyFrom(file)
    change(copy)
    return copy


def branch():
    then = helper.make_graph(
        [node("Identity", "x", output="t")], "then", [], [helper.make_empty_tensor_value_info("t")]
    )
    return model([node("If", "c", then_branch=then, else_branch=then)], [tensor("c", True, np.bool_)])


def attribute(nodes, name, value, kind=None):
    """Return a model after setting an attribute of its last node."""
    nodes[-1].attribute.append(helper.make_attribute(name, value, attr_type=kind))
    return model(nodes, [tensor("W", W)])


def field(number, data):
    """Return the bytes of a field of a message."""
    size, head = len(data), [number << 3 | 2]
    while size > 127:
        head.append((size & 127) | 128)
        size >>= 7
    return bytes([*head, size]) + data


def nested(numbers, data):
    """Return the bytes of fields within fields."""
    for number in reversed(numbers):
        data = field(number, data)
    return data


def garbage(seed):
    return random.Random(seed).randbytes(4096)


def more(*nodes, tensors=(), **options):
    """Return a model with further nodes after the weights."""
    return model([GEMM, *nodes], [tensor("W", W), *tensors], **options)


FILES = {
    "empty": (b"", "E306", "no ONNX file, or one without a node"),
    "text": (b"layers: [h, y]\n", "E306", "damaged, or no ONNX file"),
    "garbage": (garbage(1), "E306", "damaged, or no ONNX file"),
    "pickle": (pickle.dumps([1.0]), "E306", "this is a pickle"),
    "truncated": (DATA[: len(DATA) // 2], "E306", "damaged"),
    "truncated by a byte": (DATA[:-1], "E306", "damaged"),
    "name that is no UTF-8": (DATA.replace(b"the_gemm", b"the_g\xff\xfe\xfd"), "E306", "damaged"),
    "no nodes": (model([node("Identity", "x")], output="x").SerializeToString()[:2], "E306", "no ONNX file"),
    "too few bytes of data": (
        stored(raw_data=b"\0" * 8),
        "E306",
        "node 1 (Gemm the_gemm): tensor W of shape 1x3: expected 12 bytes of float32, got 8",
    ),
    "too many bytes of data": (stored(raw_data=b"\0" * 16), "E306", "expected 12 bytes of float32, got 16"),
    "no data": (stored(raw_data=b""), "E306", "expected 12 bytes of float32, got 0"),
    "data twice": (
        stored(float_data=[1.0, 2.0, 3.0]),
        "E306",
        "node 1 (Gemm the_gemm): tensor W has its data twice: raw_data, float_data",
    ),
    "data in another field": (
        stored(raw_data=b"", double_data=[1.0, 2.0, 3.0]),
        "E306",
        "expected 12 bytes of float32, got 0",
    ),
    "integers out of range": (
        stored(raw_data=b"", int32_data=[1, 300, 3], data_type=TensorProto.INT8),
        "E306",
        "tensor W: an entry of int32_data is no int8",
    ),
    "not a number": (
        stored(raw_data=np.array([1, np.nan, 2], "<f4").tobytes()),
        "E104",
        "node 1 (Gemm the_gemm): tensor W, entry [0, 1]: expected a finite number, got nan",
    ),
    "infinite weight": (
        stored(raw_data=np.array([1, 2, -np.inf], "<f4").tobytes()),
        "E104",
        "tensor W, entry [0, 2]: expected a finite number, got -inf",
    ),
    "infinite half": (
        stored(raw_data=np.array([1, 2, np.inf], "<f2").tobytes(), data_type=TensorProto.FLOAT16),
        "E104",
        "expected a finite number, got inf",
    ),
    "attribute that is not a number": (
        attribute([GEMM, node("LeakyRelu", "gemm")], "alpha", float("nan")),
        "E104",
        "node 2 (LeakyRelu the_leakyrelu): expected a finite exact number, got nan",
    ),
    "bound that is infinite": (
        more(node("Clip", "gemm", "c"), tensors=[tensor("c", -np.inf)]),
        "E104",
        "node 2 (Clip the_clip): tensor c, entry []: expected a finite number",
    ),
    "huge dims": (
        stored(dims=[2**40, 2**20]),
        "E306",
        "node 1 (Gemm the_gemm): expected at most 1048576 numbers",
    ),
    "dims beyond 64 bits": (stored(dims=[2**62, 2**62, 4]), "E306", "expected at most 1048576 numbers"),
    "negative dims": (stored(dims=[-1, -3]), "E306", "expected lengths of 0 or more"),
    "dims of zero": (
        stored(dims=[0, 3], raw_data=b""),
        "E301",
        "node 1 (Gemm the_gemm): expected a matrix, got W of shape [0, 3]",
    ),
    "path to another file": (
        model([GEMM], [placed("../../../../etc/passwd")]),
        "E306",
        "tensor W: its data are in another place, ../../../../etc/passwd: not opened",
    ),
    "path to a file beside it": (
        model([GEMM], [placed("weights.bin")]),
        "E306",
        "tensor W: its data are in another place, weights.bin",
    ),
    "path in a node": (
        model([node("Constant", value=placed("/etc/passwd")), node("MatMul", "x", "constant")]),
        "E306",
        "node 1 (Constant the_constant): its data are in another place, /etc/passwd",
    ),
    "path to another file, unused": (
        model([GEMM], [tensor("W", W), changed(lambda t: setattr(t, "name", "V"), placed("/dev/zero"))]),
        "E306",
        "tensor V: its data are in another place, /dev/zero",
    ),
    "cycle": (
        model([node("Add", "x", "relu"), node("Relu", "add")]),
        "E302",
        "node 1 (Add the_add) takes relu, which only a later node makes, node 2 (Relu the_relu): a cycle",
    ),
    "cycle of one": (
        model([node("Relu", "relu")]),
        "E302",
        "node 1 (Relu the_relu) takes relu, which only a later node makes, node 1",
    ),
    "dangling node": (
        more(node("Relu", "gemm"), output="gemm"),
        "E302",
        "node 2 (Relu the_relu): nothing uses what it makes",
    ),
    "branch": (
        more(node("Relu", "gemm"), node("Add", "relu", "gemm")),
        "E302",
        "node 3 (Add the_add) takes gemm, which node 2 (Relu the_relu) takes too: a graph that branches",
    ),
    "square": (
        more(node("MatMul", "gemm", "gemm")),
        "E302",
        "node 2 (MatMul the_matmul) combines gemm, gemm",
    ),
    "two inputs": (
        changed(lambda m: m.graph.input.add(name="more")),
        "E302",
        "expected one input, got 2: x, more",
    ),
    "no input": (changed(lambda m: m.graph.ClearField("input")), "E302", "expected one input, got 0: none"),
    "two outputs": (
        changed(lambda m: m.graph.output.add(name="gemm")),
        "E302",
        "expected one output, got 2: relu, gemm",
    ),
    "output that nothing makes": (
        changed(lambda m: setattr(m.graph.output[0], "name", "z")),
        "E302",
        "the output z is not the end of the chain",
    ),
    "output that is the input": (
        changed(lambda m: setattr(m.graph.output[0], "name", "x")),
        "E302",
        "the output x is not the end",
    ),
    "missing weights": (model([GEMM]), "E302", "node 1 (Gemm the_gemm) takes W, which nothing makes"),
    "another domain": (
        more(node("FusedGemm", "gemm", domain="com.microsoft")),
        "E302",
        "node 2 (FusedGemm the_fusedgemm): operators of the domain com.microsoft are not read",
    ),
    "function": (
        changed(lambda m: m.functions.add(name="f", domain="mine")),
        "E302",
        "function f: functions are not read",
    ),
    "control flow": (branch(), "E302", "node 1 (If the_if): this operator is not read"),
    "operator that is unknown": (
        more(node("Softplus", "gemm")),
        "E302",
        "node 2 (Softplus the_softplus): this operator is not read",
    ),
    "integer product": (
        model([node("MatMulInteger", "x", "W")], [tensor("W", [[1], [2], [3]], np.int8)]),
        "E302",
        "node 1 (MatMulInteger the_matmulinteger): this operator is not read",
    ),
    "quantised product": (
        model([node("QLinearMatMul", *"xszWszsz")], [tensor(n, 1) for n in "szW"]),
        "E302",
        "node 1 (QLinearMatMul the_qlinearmatmul): this operator is not read",
    ),
    "operator of a later opset": (
        model([node("Sign", "x")], opset=8),
        "E302",
        "node 1 (Sign the_sign): there is no such operator in opset 8",
    ),
    "attribute of a later opset": (
        changed(lambda m: m.graph.node[0].attribute.add(name="broadcast", i=1, type=2)),
        "E302",
        "node 1 (Gemm the_gemm): the attribute broadcast is not read",
    ),
    "attribute of another type": (
        attribute([node("Gemm", "x", "W")], "transB", 1.0),
        "E306",
        "node 1 (Gemm the_gemm): the attribute transB is of another type",
    ),
    "attribute twice": (
        attribute([node("Gemm", "x", "W", transB=1)], "transB", 0),
        "E306",
        "node 1 (Gemm the_gemm) has an attribute twice",
    ),
    "too many inputs": (
        model([node("Relu", "x", "W")], [tensor("W", W)]),
        "E306",
        "node 1 (Relu the_relu): expected 1 to 1 inputs, got 2",
    ),
    "no opset": (changed(lambda m: m.ClearField("opset_import")), "E302", "expected an opset from 7"),
    "opset of the future": (
        changed(lambda m: setattr(m.opset_import[0], "version", 10**9)),
        "E302",
        "got 1000000000",
    ),
    "two opsets": (changed(lambda m: m.opset_import.add(version=9)), "E302", "got 9, 17"),
    "weights in eight bits": (
        stored(raw_data=b"\0\0\0", data_type=TensorProto.FLOAT8E4M3FN),
        "E302",
        "tensor W: numbers of type FLOAT8E4M3FN are not read",
    ),
    "weights of text": (
        stored(raw_data=b"", data_type=TensorProto.STRING, string_data=[b"1"]),
        "E302",
        "numbers of type STRING are not read",
    ),
    "weights of no type": (stored(data_type=99), "E302", "numbers of type no. 99 are not read"),
    "weights of another type": (
        stored(raw_data=np.array(W, "<f8").tobytes(), data_type=TensorProto.DOUBLE),
        "E306",
        "onnx.checker refuses it",
    ),
    "tensor twice": (model([GEMM], [tensor("W", W), tensor("W", W)]), "E306", "two tensors are named W"),
    "result twice": (
        more(node("Relu", "gemm"), node("Relu", "relu", output="gemm")),
        "E306",
        "node 3 (Relu the_gemm) makes gemm, which is there before",
    ),
    "result that is a tensor": (
        more(node("Relu", "gemm", output="W")),
        "E306",
        "node 2 (Relu the_W) makes W, which is there before",
    ),
    "sparse weights": (
        changed(lambda m: m.graph.sparse_initializer.add().values.CopyFrom(tensor("S", [1.0]))),
        "E302",
        "tensor S: sparse tensors are not read",
    ),
    "input without a width": (
        model([GEMM], [tensor("W", W)], shape=("N", "n")),
        "E301",
        "input x: expected a shape [N, n] with a known n, got [N, n]",
    ),
    "input without a batch": (
        model([node("Relu", "x")], shape=(3,)),
        "E301",
        "expected a shape [N, n] with a known n, got [3]",
    ),
    "input of width 0": (model([node("Relu", "x")], shape=("N", 0)), "E301", "with a known n, got [N, ?]"),
    "input of text": (
        model([node("Identity", "x")], kind=TensorProto.STRING),
        "E302",
        "input x: numbers of type STRING are not read",
    ),
    "input that is too wide": (
        model([node("Relu", "x")], shape=("N", 2**40)),
        "E306",
        "input x: expected at most 1048576 numbers",
    ),
    "activation that is too wide": (
        model([node("Relu", "x")], shape=("N", 2**20)),
        "E306",
        "node 1 (Relu the_relu): up to here the network has",
    ),
    "too many steps": (
        model(
            [node("QuantizeLinear", "x", "s"), node("DequantizeLinear", "quantizelinear", "s")],
            [tensor("s", 0.1)],
            shape=("N", 100),
        ),
        "E306",
        "node 1 (QuantizeLinear the_quantizelinear): up to here the network has",
    ),
    "too many nodes": (
        model([node("Relu", f"t{i}", output=f"t{i + 1}") for i in range(5000)]),
        "E306",
        "expected at most 1024 nodes, got 5000",
    ),
    "too many names of inputs": (model([node("Relu", *["x"] * 2**15)]), "E306", "more than 32768 parts"),
    "too many tensors": (DATA + field(7, b"\x2a\0" * 2**22), "E306", "more than 32768 parts"),
    "too many notes": (DATA + b"\x72\0" * 2**22, "E306", "more than 32768 parts"),
    "too many axes": (DATA + nested([7, 11, 2, 1, 2], b"\x0a\0" * 2**22), "E306", "more than 32768 parts"),
    "too many unknown fields": (DATA + b"\xf8\x01\0" * 2**22, "E306", "or 262144 numbers one by one"),
    "too many problems": (
        model([node("Erf", "x", output=f"t{i}") for i in range(900)]),
        "E302",
        "more such problems",
    ),
    "field without an end": (DATA + b"\x3a\xff\xff\xff", "E306", "a number without an end"),
    "field of a terabyte": (DATA + b"\x3a\xff\xff\xff\xff\xff\x3f", "E306", "of which 0 are there"),
    "field of no kind": (DATA + b"\x3f\0", "E306", "no field begins like this"),
    "numbers copied too often": (
        model(
            [node("Identity", f"t{i}" if i else "W", output=f"t{i + 1}") for i in range(9)]
            + [node("Add", "x", "t9")],
            [tensor("W", np.ones((1, 2**19)))],
            shape=("N", 2**19),
        ),
        "E306",
        "more than 2097152 numbers up to here",
    ),
    "numbers added too often": (
        model(
            [node("Add", f"t{i}" if i else "x", "W", output=f"t{i + 1}") for i in range(9)],
            [tensor("W", 1.0)],
            shape=("N", 2**18),
        ),
        "E306",
        "up to here the network has",
    ),
}
HEAVY = [
    name for name in FILES if name.startswith(("too", "numbers", "huge", "dims", "input that", "activation"))
]
SPEC = """
spec: 1
inputs: [x1, x2, x3]
network: net.onnx
output: y
explanations: {claim: {circuit: {y: x1}}}
"""


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "net.circuit.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def write(spec, file):
    data = file if isinstance(file, bytes) else file.SerializeToString()
    spec.with_name("net.onnx").write_bytes(data)


def test_what_is_not_malformed(spec, capsys):
    """The file that the others are variations of is read; what it computes is not what the spec claims."""
    write(spec, GOOD)
    assert run(["check", str(spec)]) == 1
    assert "3-1 network (relu)" in capsys.readouterr().out


@pytest.mark.parametrize("name", FILES)
def test_malformed(name, spec, capsys):
    file, code, message = FILES[name]
    write(spec, file)
    assert run(["check", str(spec)]) == 2
    err = capsys.readouterr().err
    flat = " ".join(err.split())
    assert f"{spec.name}:4:10: {code} net.onnx: " in flat
    assert message in flat, flat
    assert len(err) < 30_000


def test_bounded_memory_and_time(spec):
    """With 1.5 GB of address space and 20 s of processor time for all of them."""
    script = """
        import resource, sys
        resource.setrlimit(resource.RLIMIT_AS, (3 * 2**29, 3 * 2**29))
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        from pathlib import Path
        from verifier.errors import InputError
        from verifier.importers.onnx.read import read_onnx
        for path in sorted(Path(sys.argv[1]).glob("*.onnx")):
            try:
                read_onnx(path.read_bytes())
            except InputError:
                continue
            sys.exit(f"{path} is read")
    """
    for i, name in enumerate(HEAVY):
        write(spec, FILES[name][0])
        spec.with_name("net.onnx").rename(spec.with_name(f"{i}.onnx"))
    ended = subprocess.run(
        [sys.executable, "-c", dedent(script), str(spec.parent)], capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("seed", range(4))
def test_bytes_that_are_changed(seed):
    """Whatever is changed in a file, it is read or refused: nothing else is raised."""
    chance, outcomes = random.Random(seed), set()
    for _ in range(150):
        data = bytearray(DATA)
        for _ in range(chance.randint(1, 4)):
            where = chance.randrange(len(data))
            if chance.random() < 0.3:
                del data[where : where + chance.randint(1, 8)]
            else:
                data[where] = chance.randrange(256)
        try:
            read_onnx(bytes(data))
        except InputError as error:
            outcomes |= {problem.code for problem in error.problems}
        else:
            outcomes.add("read")
    assert {"read", "E302", "E306"} <= outcomes


def test_layers_are_not_said_twice(spec, capsys):
    write(spec, GOOD)
    spec.write_text(SPEC.replace("net.onnx", "{file: net.onnx, activations: [relu]}"), encoding="utf-8")
    assert run(["check", str(spec)]) == 2
    assert "an ONNX file says itself what its layers are" in " ".join(capsys.readouterr().err.split())
