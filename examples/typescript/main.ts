// A notebook with CDK for Terraform in TypeScript, on the classes that `cdktf get` generates from this provider.
import { App, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { Notebook } from "./.gen/providers/modelarts/notebook";
import { ModelartsProvider } from "./.gen/providers/modelarts/provider";

class Team extends TerraformStack {
  constructor(scope: Construct, id: string, members: string[]) {
    super(scope, id);
    // Region, keys and project come from the environment: HW_REGION_NAME, HW_ACCESS_KEY, HW_SECRET_KEY, HW_PROJECT_ID.
    new ModelartsProvider(this, "modelarts", { defaultTags: { team: id } });
    for (const member of members) {
      const notebook = new Notebook(this, member, {
        name: `nb-${member}`,
        flavor: "modelarts.vm.cpu.2u",
        imageId: "e1a07296-22a8-4f05-8bc8-e936c8e54090",
        storage: { size: 50 },
        endpoints: { SSH: { keyPairNames: [member], allowedAccessIps: ["203.0.113.7"] } },
        autoStop: { type: "IDLE", duration: "2h" },
      });
      new TerraformOutput(this, `${member}_ssh`, { value: notebook.endpoints.get("SSH").uri });
    }
  }
}

const app = new App();
new Team(app, "team", ["ann", "bo"]);
app.synth();
