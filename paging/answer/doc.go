// Package answer understands and answers the texts that phones send back. It
// holds the grammar of answers (ParseAnswer) and the conversation that acts on
// them (README.md#answers). A text that comes again acts only once.
package answer
