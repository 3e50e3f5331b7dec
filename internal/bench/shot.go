package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// An alert's name is the marker and a number with this many digits. So is its
// instance. The provider recognizes it by that.
const (
	marker   = "Bench"
	instance = "srv-"
	digits   = 7
)

// alert is one alert as Prometheus posts it.
type alert struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
}

// shot is a whole HTTP request with a number of alerts, made once. aim sets
// the numbers in it; compared with sending it, that costs next to nothing.
type shot struct {
	request   []byte
	names     []int // where the digits of each alert's name are
	instances []int
}

// newShot makes a request to s with n alerts, which have these labels besides
// their own. The alerts stand for a day, so that nothing ends or goes silent
// during the measurement.
func newShot(s *subject, n int, labels map[string]string) (*shot, error) {
	now := time.Now().UTC().Truncate(time.Millisecond)
	all := make([]alert, n)
	for i := range all {
		a := alert{
			Labels: map[string]string{
				"alertname": fmt.Sprintf("%s%0*d", marker, digits, 0), "instance": fmt.Sprintf("%s%0*d", instance, digits, 0),
				"job": "node", "severity": "warning", "team": "infra",
			},
			Annotations: map[string]string{
				"summary":     "The root filesystem is almost full",
				"description": "The filesystem has had less than 5 % of its space left for 10 minutes.",
			},
			StartsAt: now, EndsAt: now.Add(24 * time.Hour),
			GeneratorURL: "http://prometheus.example.net/graph?g0.expr=node_filesystem_avail_bytes&g0.tab=1",
		}
		for k, v := range labels {
			a.Labels[k] = v
		}
		all[i] = a
	}
	body, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("a request: %w", err)
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n",
		s.path, s.address, postToken, len(body))
	sh := &shot{request: append([]byte(head), body...)}
	sh.names = places(sh.request, marker)
	sh.instances = places(sh.request, instance)
	if len(sh.names) != n || len(sh.instances) != n {
		return nil, fmt.Errorf("a request: %d alerts, %d names, %d instances", n, len(sh.names), len(sh.instances))
	}
	return sh, nil
}

// places finds what follows each word.
func places(text []byte, word string) (all []int) {
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(word))
		if i < 0 {
			return all
		}
		from += i + len(word)
		all = append(all, from)
	}
}

// aim sets the number in alert i's name, which is that of its group, and the
// number in its instance, which makes it a different alert.
func (s *shot) aim(i, name, instance int) {
	write(s.request[s.names[i]:], name)
	write(s.request[s.instances[i]:], instance)
}

func write(into []byte, n int) {
	for i := digits - 1; i >= 0; i-- {
		into[i] = byte('0' + n%10)
		n /= 10
	}
}
