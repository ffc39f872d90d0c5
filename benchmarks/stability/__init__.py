"""Mode collapse and vanishing gradients, counted where they can be counted."""
