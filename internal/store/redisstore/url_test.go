package redisstore_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/astreinte/astreinte/internal/store/redisstore"
)

func TestParseURL(t *testing.T) {
	for _, c := range []struct {
		url  string
		want redisstore.Address
	}{
		{"redis://redis.example.net", redisstore.Address{Hosts: []string{"redis.example.net:6379"}}},
		{"redis://:s3cret@redis.example.net:6380/2", redisstore.Address{
			Hosts: []string{"redis.example.net:6380"}, Password: "s3cret", DB: 2,
		}},
		{"redis://redis.example.net/?db=3", redisstore.Address{Hosts: []string{"redis.example.net:6379"}, DB: 3}},
		{"rediss://ops:p%40ss%2F%25@redis.example.net:6380/0", redisstore.Address{
			TLS: true, Hosts: []string{"redis.example.net:6380"}, User: "ops", Password: "p@ss/%",
		}},
		{"redis://:a@b/c@127.0.0.1:1", redisstore.Address{Hosts: []string{"127.0.0.1:1"}, Password: "a@b/c"}},
		{"redis://[::1]:6379", redisstore.Address{Hosts: []string{"[::1]:6379"}}},
		{"redis://[::1]/1", redisstore.Address{Hosts: []string{"[::1]:6379"}, DB: 1}},
		{"redis+sentinel://10.0.0.1:26379,10.0.0.2,10.0.0.3:26380/mymaster", redisstore.Address{
			Kind: redisstore.Sentinel, Master: "mymaster",
			Hosts: []string{"10.0.0.1:26379", "10.0.0.2:26379", "10.0.0.3:26380"},
		}},
		{"rediss+sentinel://ops:s3cret@h1,h2/mymaster?db=4&sentinel_password=t%26p&sentinel_user=watch", redisstore.Address{
			Kind: redisstore.Sentinel, TLS: true, Master: "mymaster", Hosts: []string{"h1:26379", "h2:26379"}, DB: 4,
			User: "ops", Password: "s3cret", SentinelUser: "watch", SentinelPassword: "t&p",
		}},
		{"redis+cluster://:s3cret@10.0.0.1:7001,10.0.0.2:7002,10.0.0.3/", redisstore.Address{
			Kind: redisstore.Cluster, Password: "s3cret", Hosts: []string{"10.0.0.1:7001", "10.0.0.2:7002", "10.0.0.3:6379"},
		}},
	} {
		got, err := redisstore.ParseURL(c.url)
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
		} else if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.url, got, c.want)
		}
		if s := got.String(); strings.Contains(s, "s3cret") || strings.Contains(s, "p@ss") || strings.Contains(s, "t&p") {
			t.Errorf("%s is shown as %s", c.url, s)
		}
	}
}

func TestParseURLRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"":                                         "no scheme",
		"s3cret":                                   "no scheme",
		"postgres://:s3cret@host/0":                "another scheme",
		"redis+other://:s3cret@host/0":             "another scheme",
		"redis+://:s3cret@host/0":                  "another scheme",
		"redis://:s3cret%zz@host/0":                "percent-encoded",
		"redis://s3cret@host/0":                    ":secret or user:secret",
		"redis://:s3cret@host:0/0":                 "host 1 is not",
		"redis://:s3cret@host:port/0":              "host 1 is not",
		"redis://:s3cret@host:70000":               "is not of the form host:port",
		"redis://:s3cret@":                         "is not of the form host:port",
		"redis://:s3cret@a:1:2":                    "is not of the form host:port",
		"redis://:s3cret@h1,h2/0":                  "several hosts",
		"redis://:s3cret@host/first":               "not a number",
		"redis://:s3cret@host?db=-1":               "not a number",
		"redis://:s3cret@host?sentinel_user=a":     "only db may follow",
		"redis://:s3cret@host?password=s3cret":     "only db may follow",
		"redis://:s3cret@host?db=%zz&p=s3cret":     "name=value",
		"redis+sentinel://:s3cret@h1,h2":           "name of the primary",
		"redis+sentinel://:s3cret@h1,h2/?db=1":     "name of the primary",
		"redis+cluster://:s3cret@h1,h2/3":          "one database",
		"redis+cluster://:s3cret@h1,h2?db=1":       "only db may follow",
		"redis://user:s3cret?x@host":               "is not of the form host:port",
		"redis://:1/s3cret?@host":                  "is not of the form host:port",
		"redis://user:1/s3cret#@host?x":            "only db",
		"redis+sentinel://:s3cret@h1,,h2/mymaster": "is not of the form host:port",
	} {
		a, err := redisstore.ParseURL(url)
		switch {
		case err == nil:
			t.Errorf("%s is taken as %+v", url, a)
		case !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "redisstore: "):
			t.Errorf("%s: error %q, want %q in it", url, err, want)
		case strings.Contains(err.Error(), "s3cret"):
			t.Errorf("%s: the error tells the secret: %v", url, err)
		}
	}
}
