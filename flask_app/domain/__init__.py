"""The rules, pure: facts and `now` come in as arguments, a decision or a refusal goes out."""
