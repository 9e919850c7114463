"""A question becomes evidence, an answer of cited sentences, or a refusal that says why."""
