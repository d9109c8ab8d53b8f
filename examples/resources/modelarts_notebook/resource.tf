resource "modelarts_notebook" "train" {
  name        = "train"
  description = "Training of the team"
  flavor      = "modelarts.vm.cpu.2u"
  image_id    = "e1a07296-22a8-4f05-8bc8-e936c8e54090"

  storage = {
    category = "EVS"
    size     = 50
  }

  endpoints = {
    SSH = {
      key_pair_names     = ["laptop"]
      allowed_access_ips = ["203.0.113.7"]
    }
  }

  hooks = {
    pre_start = {
      type   = "COMMAND"
      script = base64encode("pip install pandas")
    }
    post_start = {
      script = "/home/ma-user/work/init.sh"
    }
  }

  timeouts = {
    update = "1h"
  }
}
