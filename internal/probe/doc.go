// Package probe looks at a service itself, where no monitoring tool can be asked what
// it sees: an address of the web, a port, a host that answers to ping.
//
// What it looks at is made of an alert's labels, which strangers write. So a label
// becomes a host name or a number and nothing else (Template), and every address is
// judged where it is dialled (Guard): each that a name leads to, and each that a
// redirect leads to. A Guard lets nothing through unless the configuration names its
// network, and some addresses never. Answers are bounded in bytes and in time.
package probe
