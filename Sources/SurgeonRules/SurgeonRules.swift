internal import SurgeonIR
