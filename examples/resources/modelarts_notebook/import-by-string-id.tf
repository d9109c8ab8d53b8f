import {
  to = modelarts_notebook.train
  id = "5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10"
}
