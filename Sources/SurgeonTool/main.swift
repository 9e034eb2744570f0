internal import SurgeonCLI

SurgeonCommand.main()
