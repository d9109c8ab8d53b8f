terraform {
  required_providers {
    modelarts = {
      source  = "local/modelarts/modelarts"
      version = "0.2.0"
    }
  }
}

# Keys come from HW_ACCESS_KEY and HW_SECRET_KEY.
provider "modelarts" {
  region = "cn-north-4"
}
