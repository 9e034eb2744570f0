internal import SurgeonCLI
