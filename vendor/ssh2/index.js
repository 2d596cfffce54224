// Stands for the package ssh2, which the docker client asks for on loading: drill speaks to no
// engine over SSH, and the real one compiles C++ when it is installed.
exports.Client = undefined;
