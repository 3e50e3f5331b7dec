// Package answer understands what phones text back, and answers it: the grammar
// of answers (ParseAnswer), and the conversation that acts on them
// (README.md#answers). A text that comes again acts once.
package answer
