"""The child's side of `ui.jobs`: no Qt here. One module per kind of job, each with `run(state, arguments, progress)`."""
