"""Run in TensorFlow's environment: the device `gpu` played by a second logical CPU.

Prints, as JSON, where results lie and whether each call waited for the device.
"""

import json
import sys

import numpy as np
import tensorflow as tf

from benchmarks import backends, ops

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
module = backends.load(sys.argv[1])
backends.load("tensorflow")._DEVICES["gpu"] = "CPU:1"

waited = []
sync_devices = tf.test.experimental.sync_devices
tf.test.experimental.sync_devices = lambda: waited.append(sync_devices())

module.start("gpu")
bits = [np.array([1, 4, 9], np.float32).view(np.uint32)]
with tf.device("CPU:1"):  # a real GPU is the default
    function, tensors = module.timed_call(ops.OPS["sqrt"], "float32", bits)
    result = function(*tensors)
    evaluated = module.evaluate(ops.OPS["sqrt"], "float32", bits)
answer = {
    "input on": tensors[0].device,
    "result on": result.device,
    "roots": evaluated.view(np.float32).tolist(),
    "waited": len(waited),
}
with tf.device("CPU:0"):  # as where TensorFlow has no kernel for the device
    try:
        module.timed_call(ops.OPS["sqrt"], "float32", bits)
        answer["elsewhere"] = "timed"
    except backends.Unavailable as error:
        answer["elsewhere"] = str(error)
print(json.dumps(answer))
