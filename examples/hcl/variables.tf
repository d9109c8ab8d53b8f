variable "notebooks" {
  description = "The team's notebooks, by a key that never changes"
  nullable    = false

  type = map(object({
    name        = string
    description = optional(string)
    flavor      = string
    image_id    = string

    ssh = optional(object({
      key_pair_names     = set(string)
      allowed_access_ips = optional(set(string))
    }))

    pre_start_script   = optional(string)
    post_start_script  = optional(string)
    post_start_command = optional(string)
    storage_gb         = number
  }))

  validation {
    condition     = alltrue([for n in var.notebooks : n.post_start_script == null || n.post_start_command == null])
    error_message = "A notebook has a post_start_script or a post_start_command, not both."
  }
}
