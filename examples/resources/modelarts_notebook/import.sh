# By the id of the instance:
terraform import modelarts_notebook.train 5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10

# Or by its exact name in the provider's project, where no other instance has it:
terraform import modelarts_notebook.train train

# From another region, in the project that is looked up there:
terraform import modelarts_notebook.train ap-southeast-3/train

# From another project:
terraform import modelarts_notebook.train cn-north-4/0123456789abcdef0123456789abcdef/5e4f1b0e-6b4c-4d55-9a37-7f6b1f3d2c10
