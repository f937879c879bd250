"""Whether the house stands when parts of it fall: people call while processes and servers are killed at random.

Scripted callers and agents do what their pages do, real processes serve them under the real supervisor, and in the
end what the people know themselves is compared with what the house has written down. No bound on time, only on truth.
`python -m bench.soak --seconds 120 --seed 7`
"""
