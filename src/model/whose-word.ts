// Whose word a partition's duty is, where it is not the configuration's: plans change their minds, what an operator said stands.
export type WhoseWord = 'plan' | 'operator';
