import CustomRules
import SurgeonCLI

SurgeonCommand.main(rules: CustomRules.all)
