terraform {
  required_version = ">= 1.8"

  required_providers {
    modelarts = {
      source = "local/modelarts/modelarts"
    }
  }
}

# Region, keys and project come from the environment: HW_REGION_NAME, HW_ACCESS_KEY, HW_SECRET_KEY, HW_PROJECT_ID.
provider "modelarts" {}

resource "modelarts_notebook" "this" {
  for_each = var.notebooks

  name        = each.value.name
  description = each.value.description
  flavor      = each.value.flavor
  image_id    = each.value.image_id

  endpoints = each.value.ssh == null ? null : {
    SSH = each.value.ssh
  }

  hooks = each.value.pre_start_script == null && each.value.post_start_script == null && each.value.post_start_command == null ? null : {
    pre_start = each.value.pre_start_script == null ? null : {
      script = each.value.pre_start_script
    }
    # A command is sent as Base64; a script is the path of a file in the notebook.
    post_start = each.value.post_start_command != null ? {
      type   = "COMMAND"
      script = base64encode(each.value.post_start_command)
      } : each.value.post_start_script == null ? null : {
      type   = "SCRIPT"
      script = each.value.post_start_script
    }
  }

  storage = {
    size = each.value.storage_gb
  }
}

output "notebooks" {
  description = "Id and status of each notebook"
  value       = { for key, notebook in modelarts_notebook.this : key => { id = notebook.id, status = notebook.status } }
}
