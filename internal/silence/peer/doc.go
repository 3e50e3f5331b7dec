// Package peer answers amtool, karma and whatever else asks an Alertmanager: which alerts
// fire, which silences there are; and it makes and ends silences for them.
//
// Whoever asks has the token of one source, and sees that source's alerts alone. It sees
// the silences of that source, and those of the source's customer; it makes and ends only
// those of the source. The shapes are those of Alertmanager's API, version 2
// (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml).
package peer
